import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';

export type Path = readonly (string | number)[];
export type Position = { line: number; column: number };

/** Finds where in the text a path stands. */
export type SourceMap = {
  /** The value at the path; the key of the nearest thing around it when there is no such value. */
  valueAt(path: Path): Position;
  /** The key of the last step. */
  keyAt(path: Path): Position;
};

export function sourceMap(document: Document, lines: LineCounter): SourceMap {
  const at = (node: Node | null | undefined): Position => positionAt(lines, node?.range?.[0] ?? 0);
  return {
    valueAt(path) {
      const ways = follow(document, path);
      const last = ways.at(-1);
      return ways.length === path.length ? at(last?.value ?? last?.key) : at(last?.key ?? last?.value);
    },
    keyAt(path) {
      const last = follow(document, path).at(-1);
      return at(last?.key ?? last?.value);
    },
  };
}

/** The position of an offset into the text. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** `services.a.dependsOn[1]`; names that are not plain are quoted. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w$-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

type Way = { key: Node | undefined; value: Node | undefined };

/** The steps of the path that exist in the text. */
function follow(document: Document, path: Path): Way[] {
  const ways: Way[] = [];
  let node = document.contents ?? undefined;
  for (const step of path) {
    const way = stepInto(node === undefined || !isAlias(node) ? node : node.resolve(document), step);
    if (way === undefined) break;
    ways.push(way);
    node = way.value;
  }
  return ways;
}

function stepInto(node: Node | undefined, step: string | number): Way | undefined {
  if (isSeq<Node>(node) && typeof step === 'number') {
    const value = node.items[step];
    return value === undefined ? undefined : { key: undefined, value };
  }
  if (!isMap<Node, Node | null>(node)) return undefined;
  // The last of two equal keys is the one whose value was read.
  const pair = node.items.findLast((item: Pair<Node, Node | null>) => keyText(item.key) === String(step));
  return pair === undefined ? undefined : { key: pair.key, value: pair.value ?? undefined };
}

/** A key as the value has it. */
export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value ?? '') : '';
}
