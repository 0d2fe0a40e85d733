/** A piece of running text. Links lead to web addresses only. */
export type Inline =
  | { readonly is: 'text' | 'code'; readonly text: string }
  | { readonly is: 'strong' | 'emphasis'; readonly parts: readonly Inline[] }
  | { readonly is: 'link'; readonly href: string; readonly parts: readonly Inline[] };

const marks =
  /\\([\\`*_[\](){}#+\-.!|<>])|(`+)([^`]|[^`][^]*?[^`])\2(?!`)|\[([^\]\n]+)\]\(([^)\s]+)\)|(\*\*|__)(?=\S)([^]*?\S)\6(?!\*)|(?<![\w*])\*(?=[^\s*])([^*]*?[^\s*])\*(?!\*)|(?<![\w_])_(?=[^\s_])([^_]*?[^\s_])_(?![\w_])/g;
/** Nested no deeper: nobody writes it, and nothing hostile may exhaust the stack. */
const deepest = 6;
/** Longer runs of text stay plain: the search for marks may look at each part more than once. */
const longest = 20_000;

/** Emphasis, code and links of one paragraph; everything else is text as it stands. */
export function parseInline(text: string, depth = 0): Inline[] {
  const parts: Inline[] = [];
  const say = (words: string): void => {
    const last = parts.at(-1);
    if (words === '') return;
    if (last?.is === 'text') parts[parts.length - 1] = { is: 'text', text: last.text + words };
    else parts.push({ is: 'text', text: words });
  };
  if (depth >= deepest || text.length > longest) return [{ is: 'text', text }];
  let end = 0;
  for (const match of text.matchAll(marks)) {
    const [whole, escaped, , code, label, href, , strong, starred, underscored] = match;
    say(text.slice(end, match.index));
    end = match.index + whole.length;
    const emphasis = starred ?? underscored;
    if (escaped !== undefined) say(escaped);
    else if (code !== undefined)
      parts.push({ is: 'code', text: code.trim() === '' ? code : code.replace(/^ (.*) $/s, '$1') });
    else if (strong !== undefined) parts.push({ is: 'strong', parts: parseInline(strong, depth + 1) });
    else if (emphasis !== undefined) parts.push({ is: 'emphasis', parts: parseInline(emphasis, depth + 1) });
    else if (label !== undefined && href !== undefined && isWeb(href))
      parts.push({ is: 'link', href, parts: parseInline(label, depth + 1) });
    else say(whole);
  }
  say(text.slice(end));
  return parts;
}

function isWeb(href: string): boolean {
  return /^https?:\/\//i.test(href) && URL.canParse(href);
}
