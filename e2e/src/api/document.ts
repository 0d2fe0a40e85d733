import { readFile } from 'node:fs/promises';

type Json = Record<string, unknown>;

/** A document of `docs/`, as people get it. */
export class ApiDocument {
  readonly root: Json;

  private constructor(root: Json) {
    this.root = root;
  }

  static async read(name: string): Promise<ApiDocument> {
    const file = new URL(`../../../docs/${name}`, import.meta.url);
    return new ApiDocument(JSON.parse(await readFile(file, 'utf8')) as Json);
  }

  /** What stands at a JSON pointer. @throws Error when nothing does */
  at(pointer: string): Json {
    let value: unknown = this.root;
    for (const part of pointer.replace(/^#?\//, '').split('/')) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      value = typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
    }
    if (value === undefined) throw new Error(`nothing stands at ${pointer}`);
    return value as Json;
  }

  /** Every `$ref` in it. */
  references(): string[] {
    const found: string[] = [];
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const { $ref } = value as { $ref?: unknown };
      if (typeof $ref === 'string') found.push($ref);
      for (const part of Object.values(value)) look(part);
    };
    look(this.root);
    return found;
  }
}

/** A schema whose objects have no other fields than the documented ones: for what we say ourselves, whoever listens must not be so strict. */
export function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]));
  return 'properties' in parts && !('additionalProperties' in parts)
    ? { ...parts, additionalProperties: false }
    : parts;
}
