import type { IncomingHttpHeaders } from 'node:http';

/** A header in which quotes are balanced, and its parts between commas and semicolons that are not quoted. */
const balanced = /^(?:[^"]|"(?:[^"\\]|\\.)*")*$/;
const elements = /(?:[^",]|"(?:[^"\\]|\\.)*")+/g;
const pairs = /(?:[^";]|"(?:[^"\\]|\\.)*")+/g;

/** Where a request came from, as each header says that is there: nodes, the client first; an empty text where it does not say. */
export function forwardedNodes(headers: IncomingHttpHeaders): string[][] {
  const common = String(headers['x-forwarded-for'] ?? '');
  const said = [common === '' ? [] : common.split(','), standardNodes(headers.forwarded ?? '')];
  return said.filter((nodes) => nodes.length > 0).map((nodes) => nodes.map((node) => node.trim()));
}

/** RFC 7239, section 4. A header that breaks off within quotes says nothing: nobody knows where it would go on. */
function standardNodes(header: string): string[] {
  if (!balanced.test(header)) return [''];
  const hops = header.match(elements) ?? [];
  return hops.filter((hop) => hop.trim() !== '').map(nodeOf);
}

function nodeOf(hop: string): string {
  const named = (hop.match(pairs) ?? []).flatMap((pair) => /^\s*for\s*=(.*)$/i.exec(pair)?.[1] ?? []);
  const [node = ''] = named;
  return named.length === 1 ? node.trim().replace(/^"(.*)"$/, '$1') : '';
}
