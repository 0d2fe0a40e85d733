import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findNode, neededMajor } from './find-node.js';
import { handOver, startedByHandOver, watchLauncher } from './hand-over.js';

/** Exit status for a machine that cannot run this: a matter of configuration. */
const configurationExitCode = 2;

/** Runs the program in this process, or in that of a Node that is new enough. */
export async function launch(program) {
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
    if (startedByHandOver()) watchLauncher();
    return runHere();
  }
  const node = startedByHandOver() ? undefined : findNode(program);
  if (node !== undefined) return handOver(node, program, process.argv.slice(2));
  process.stderr.write(
    `reveille: Node.js ${neededMajor} or newer is needed; this is ${process.version} and there is no newer one beside this package.\n` +
      `Install it from https://nodejs.org, or into your project: npm install --save-dev node@${neededMajor}\n`,
  );
  process.exitCode = configurationExitCode;
}

async function runHere() {
  const source = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const isWorkspace = existsSync(source);
  const { enableCompileCache, registerHooks } = await import('node:module');
  // Half of the time of a short command is compiling. Node keeps the result with its other temporary files.
  enableCompileCache();
  if (isWorkspace) {
    // In this process rather than by `--conditions` on a second one, which would cost the start of another Node.
    registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier, { ...context, conditions: ['@reveille/source', ...context.conditions] }),
    });
  }
  const entry = new URL(isWorkspace ? '../src/index.ts' : '../dist/index.js', import.meta.url);
  const { runCli } = await import(entry.href);
  process.exitCode = await runCli(process.argv.slice(2));
}
