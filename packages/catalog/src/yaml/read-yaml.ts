import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import { checkBounds, maxAliases } from './check-bounds.ts';
import { positionAt, type SourceMap, sourceMap } from './source-map.ts';
import type { YamlFault } from './yaml-fault.ts';

export type YamlReading = {
  faults: YamlFault[];
  /** Undefined when the faults leave nothing that could be looked at further. */
  content: { value: unknown; source: SourceMap } | undefined;
};

/** Faults after which the rest of the text still means what it says, so that it is checked further. */
const harmless: ReadonlySet<YAMLError['code']> = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED']);

/**
 * Reads YAML 1.2 (core schema) and nothing beyond it: no tags of other kinds, no merge keys, no second document, bounded depth
 * and bounded aliases.
 */
export function readYaml(text: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    resolveKnownTags: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: lines,
  });
  const complaints = [...document.errors, ...document.warnings];
  const bounds = checkBounds(document, lines);
  const faults = [...complaints.map((error) => explain(error, text, lines)), ...bounds];
  const readable = bounds.length === 0 && complaints.every((error) => harmless.has(error.code));
  if (!readable) return { faults, content: undefined };
  return {
    faults,
    content: { value: document.toJS({ maxAliasCount: maxAliases }), source: sourceMap(document, lines) },
  };
}

function explain(error: YAMLError, text: string, lines: LineCounter): YamlFault {
  const [from, to] = error.pos;
  const place = { ...positionAt(lines, from), path: '' };
  const excerpt = (text.slice(from, Math.max(to, from + 1)).split('\n')[0] ?? '').trim().slice(0, 40);
  const found = excerpt === '' ? 'the end of a line or of the file' : JSON.stringify(excerpt);
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^:\s]+)/.exec(text.slice(from, from + 200))?.[0] ?? excerpt;
      return { ...place, found: `the key ${key} a second time`, expected: 'each key once' };
    }
    case 'TAG_RESOLVE_FAILED':
      return {
        ...place,
        found: `a tag (${error.message.replace('Unresolved tag: ', '')})`,
        expected: 'plain YAML without tags of your own',
      };
    case 'MULTIPLE_DOCS':
      return { ...place, found: 'a second document', expected: 'one YAML document' };
    default:
      return { ...place, found, expected: `YAML (${error.message})` };
  }
}
