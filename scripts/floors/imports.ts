import { parseSync, Visitor } from 'oxc-parser';

/** A module that another one names, and the line where it does. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/**
 * Everything that a module imports: statically, for types only, by re-export, and with `import()` both as an expression
 * and as a type. An `import()` of a computed name is not among them: nobody can judge it but at run time.
 *
 * @throws Error when the source cannot be parsed.
 */
export function importsOf(path: string, source: string): Import[] {
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const found: Import[] = [];
  const note = (literal: { value: string; start: number } | null) => {
    if (literal) found.push({ specifier: literal.value, line: source.slice(0, literal.start).split('\n').length });
  };
  new Visitor({
    ImportDeclaration: (node) => note(node.source),
    ExportAllDeclaration: (node) => note(node.source),
    ExportNamedDeclaration: (node) => note(node.source),
    TSImportType: (node) => note(node.source),
    ImportExpression: (node) => {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string') {
        note({ value: node.source.value, start: node.source.start });
      }
    },
  }).visit(program);
  return found;
}
