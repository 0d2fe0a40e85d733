/** JSON Schema, as far as contracts need it. */
export type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly [keyword: string]: unknown;
};

/** `unreadable`: what the previous version writes and this one cannot read. `news`: what this one may write and the previous one does not know. */
export type Difference = { readonly kind: 'unreadable' | 'news'; readonly where: string; readonly what: string };

/** A new field that may be left out is none: readers ignore what they do not know. */
export function differences(previous: Schema, present: Schema, where: string): Difference[] {
  return [...compare(previous, present, where)];
}

function* compare(previous: Schema, present: Schema, where: string): Generator<Difference> {
  const unreadable = (what: string): Difference => ({ kind: 'unreadable', where, what });
  const news = (what: string): Difference => ({ kind: 'news', where, what });
  const [before, now] = [alternatives(previous), alternatives(present)];
  if (before !== undefined || now !== undefined) {
    const [olds, presents] = [byName(before ?? [previous]), byName(now ?? [present])];
    for (const [name, old] of olds) {
      const one = presents.get(name);
      if (one === undefined) yield unreadable(`${name} is gone`);
      else if (name !== text(old)) yield* compare(old, one, `${where}(${name})`);
    }
    for (const name of presents.keys()) if (!olds.has(name)) yield news(`${name} is new`);
    return;
  }
  const [oldValues, values] = [valuesOf(previous), valuesOf(present)];
  if (oldValues !== undefined || values !== undefined) {
    for (const value of oldValues ?? ['any value'])
      if (values?.includes(value) === false) yield unreadable(`${String(value)} is gone`);
    for (const value of values ?? ['any value'])
      if (oldValues?.includes(value) === false) yield news(`${String(value)} is new`);
    return;
  }
  if (previous.properties !== undefined && present.properties !== undefined) {
    const [had, has] = [previous.required ?? [], present.required ?? []];
    for (const name of has) if (!had.includes(name)) yield unreadable(`${name} must be there`);
    for (const name of had) if (!has.includes(name)) yield news(`${name} may be left out`);
    for (const [name, old] of Object.entries(previous.properties)) {
      const one = present.properties[name];
      if (one !== undefined) yield* compare(old, one, `${where}.${name}`);
      else if (present['additionalProperties'] === false) yield unreadable(`${name} is refused`);
    }
    return;
  }
  if (previous.items !== undefined && present.items !== undefined) {
    yield* compare(previous.items, present.items, `${where}[]`);
    return;
  }
  const [olds, ones] = [previous['additionalProperties'], present['additionalProperties']];
  if (isSchema(olds) && isSchema(ones) && text(namesOf(previous)) === text(namesOf(present))) {
    yield* compare(olds, ones, `${where}{}`);
    return;
  }
  if (text(previous) !== text(present)) yield unreadable(`${text(previous)} became ${text(present)}`);
}

function isSchema(schema: unknown): schema is Schema {
  return typeof schema === 'object' && schema !== null;
}

/** What the names of a record look like. */
function namesOf(schema: Schema): Schema {
  return (schema['propertyNames'] ?? {}) as Schema;
}

function alternatives(schema: Schema): readonly Schema[] | undefined {
  return schema.anyOf ?? schema.oneOf;
}

/** Alternatives are known by the constant that tells them apart, else by what they are. */
function byName(schemas: readonly Schema[]): Map<string, Schema> {
  return new Map(
    schemas.map((schema) => {
      const constant = Object.entries(schema.properties ?? {}).find(([, { const: value }]) => value !== undefined);
      return [constant === undefined ? text(schema) : `${constant[0]} ${String(constant[1].const)}`, schema];
    }),
  );
}

function valuesOf(schema: Schema): readonly unknown[] | undefined {
  return schema.const === undefined ? schema.enum : [schema.const];
}

/** What is said for people, and which dialect it is, makes no difference. */
function text(schema: Schema): string {
  return JSON.stringify(schema, (key, value: unknown) =>
    key === 'description' || key === '$schema' ? undefined : value,
  );
}
