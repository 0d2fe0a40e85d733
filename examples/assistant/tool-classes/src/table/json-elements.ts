type JsonObject = Record<string, unknown>;

/** How deep a table may be wrapped in objects. */
const DEEPEST = 4;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The rows of a JSON table as elements: an array of objects, the same inside objects (`{"data": […]}`, `{"result": {"rows": […]}}`), rows
 * as arrays below a header (`[["time", …], […]]`, or `{"columns": […], "data": [[…]]}`), columns as arrays (`{"time": […], …}`), or
 * objects by number (`{"0": {…}, "1": {…}}`). Undefined for anything else.
 */
export function elementsIn(value: unknown, depth = 0): unknown[] | undefined {
  if (Array.isArray(value)) return withHeader(value) ?? value;
  if (!isObject(value) || depth > DEEPEST) return undefined;
  const members = Object.values(value);
  const { columns, data } = value;
  if (isHeader(columns) && isRows(data)) return data.map((row) => byName(columns, row));
  const asColumns = fromColumns(value);
  if (asColumns !== undefined) return asColumns;
  if (members.length > 0 && members.every(isObject) && Object.keys(value).every((key) => /^\d+$/.test(key))) {
    return members;
  }
  const inside = members.flatMap((member) => {
    const found = Array.isArray(member) || isObject(member) ? elementsIn(member, depth + 1) : undefined;
    return found === undefined || (depth > 0 && !found.some(isObject)) ? [] : [found];
  });
  const arrays = members.filter((member) => Array.isArray(member));
  // A lone array is what is meant, whatever it holds; else the lone one that holds objects.
  if (arrays.length === 1 && inside.length <= 1) return inside[0] ?? arrays[0];
  const tables = inside.filter((found) => found.some(isObject));
  return tables.length === 1 ? tables[0] : undefined;
}

function isHeader(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 1 && value.every((name) => typeof name === 'string');
}

function isRows(value: unknown): value is unknown[][] {
  return Array.isArray(value) && value.every((row) => Array.isArray(row));
}

function withHeader(rows: unknown[]): unknown[] | undefined {
  const [header, ...rest] = rows;
  return isHeader(header) && rest.length > 0 && isRows(rest) ? rest.map((row) => byName(header, row)) : undefined;
}

/** A row of another width than the header stays what it is, and is told as no object. */
function byName(header: readonly string[], row: unknown[]): unknown {
  if (row.length !== header.length) return row;
  return Object.fromEntries(header.map((name, index) => [name, row[index]]));
}

/** Two columns or more of the same length, with cells that are no objects. */
function fromColumns(value: JsonObject): unknown[] | undefined {
  const columns = Object.entries(value).filter(
    (entry): entry is [string, unknown[]] =>
      Array.isArray(entry[1]) && !entry[1].some((cell) => isObject(cell) || Array.isArray(cell)),
  );
  const length = columns[0]?.[1].length ?? 0;
  if (columns.length < 2 || length === 0 || columns.some(([, cells]) => cells.length !== length)) return undefined;
  return Array.from({ length }, (_, row) => Object.fromEntries(columns.map(([name, cells]) => [name, cells[row]])));
}
