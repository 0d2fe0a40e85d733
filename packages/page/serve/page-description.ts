/** What the page has to know before it connects; `page.json` beside it. */
export interface PageDescription {
  /** At least one. `title`: its name as people read it. */
  readonly entrypoints: readonly { readonly name: string; readonly title: string }[];
  /** `none`: development, everybody is whom he says he is. `token`: the page asks for a token. */
  readonly auth: 'none' | 'token';
}
