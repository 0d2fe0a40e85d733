import { type Document, isAlias, isMap, isSeq, type LineCounter, type Node } from 'yaml';
import { keyText, positionAt } from './source-map.ts';
import type { YamlFault } from './yaml-fault.ts';

/** Most uses of aliases (`*name`) in a catalog. */
export const maxAliases = 100;
/** Deepest nesting of mappings and lists in a catalog; JSON Schemas of content rules are the deepest part of one. */
export const maxDepth = 64;

/** What would make a small text a large or endless value, or a key that JavaScript takes for something else. */
export function checkBounds(document: Document, lines: LineCounter): YamlFault[] {
  const faults: YamlFault[] = [];
  const anchorsAround: string[] = [];
  let aliases = 0;
  const refuse = (node: Node, found: string, expected: string): void => {
    faults.push({ ...positionAt(lines, node.range?.[0] ?? 0), path: '', found, expected });
  };

  const visit = (node: unknown, depth: number): void => {
    if (isAlias(node)) {
      aliases += 1;
      if (aliases === maxAliases + 1) refuse(node, `more than ${maxAliases} aliases`, `at most ${maxAliases}`);
      if (anchorsAround.includes(node.source))
        refuse(node, `*${node.source} within itself`, 'an alias of something else');
      else if (node.resolve(document) === undefined)
        refuse(node, `*${node.source}`, `an alias of an anchor that stands above it (&${node.source})`);
      return;
    }
    if (!isMap<Node, Node | null>(node) && !isSeq<Node>(node)) return;
    if (depth > maxDepth)
      return refuse(node, `more than ${maxDepth} levels`, `at most ${maxDepth} levels of mappings and lists`);
    if (node.anchor !== undefined) anchorsAround.push(node.anchor);
    if (isSeq(node)) for (const item of node.items) visit(item, depth + 1);
    else
      for (const { key, value } of node.items) {
        if (keyText(key) === '__proto__') refuse(key, 'the key __proto__', 'another key');
        visit(value, depth + 1);
      }
    if (node.anchor !== undefined) anchorsAround.pop();
  };
  visit(document.contents, 1);
  return faults;
}
