/** A text file of the repository; `path` from the root, with forward slashes. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

export interface Untidy {
  readonly rule: string;
  readonly where: string;
  readonly message: string;
}

interface Rule {
  readonly name: string;
  /** Files that the rule speaks of. */
  readonly about: RegExp;
  /** Finds what is wrong; a line of 0 speaks of the file as a whole. */
  readonly find: (file: TextFile) => readonly { readonly line: number; readonly message: string }[];
}

const module = /\.(ts|tsx|mts|js|mjs)$/;
const maximumLines = 250;
const dumps = /(^|\/)(utils?|common|helpers?|misc|shared)(\/|\.(ts|mts|js|mjs)$)|(^|\/)types\.(ts|mts)$/;

/** Finds every line that matches. */
function lines(pattern: RegExp, message: string): Rule['find'] {
  return ({ text }) =>
    text.split('\n').flatMap((content, index) => (pattern.test(content) ? [{ line: index + 1, message }] : []));
}

const rules: readonly Rule[] = [
  {
    name: 'long-file',
    about: /(^|\/)(src|scripts)\/.*\.(ts|tsx|mts|js|mjs)$/,
    find: ({ text }) => {
      const count = text.trimEnd().split('\n').length;
      return count > maximumLines ? [{ line: 0, message: `${count} lines: it is asking to be two things` }] : [];
    },
  },
  {
    name: 'dump',
    about: module,
    find: ({ path }) => (dumps.test(path) ? [{ line: 0, message: 'named for no concept and no duty' }] : []),
  },
  {
    name: 'machine-path',
    about: /./,
    find: lines(/(^|[\s"'`(=:])\/(root|work|home\/\w+)\//, 'names a path of one machine'),
  },
  {
    name: 'registry-host',
    about: /./,
    find: lines(
      /\bregistry\.[a-z0-9-]+\.(com|dev|io|net|org)\b|"resolved": "\w+:/,
      'names the host that packages come from',
    ),
  },
  {
    name: 'narrowed-tests',
    about: /\.test\.ts$/,
    find: lines(/\b(describe|it|test|suite)(\.\w+)*\.(only|skip|todo)\b|\bx(it|describe|test)\(/, 'leaves tests out'),
  },
  {
    name: 'unfinished',
    // Not the scripts: this very rule has to write down what it looks for.
    about: /^(?!scripts\/).*\.(ts|tsx|mts|js|mjs)$/,
    find: lines(/(\/\/|\*).*\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)/, 'is not finished'),
  },
];

export function judgeFile(file: TextFile): Untidy[] {
  return rules
    .filter((rule) => rule.about.test(file.path))
    .flatMap((rule) =>
      rule.find(file).map(({ line, message }) => ({
        rule: rule.name,
        where: line === 0 ? file.path : `${file.path}:${line}`,
        message,
      })),
    );
}
