/**
 * The floors of the house. An arrow may only point down, so rooms on one floor never import one another. A room that is
 * not listed here is refused: nothing is built outside the plan.
 */
export interface Room {
  /** Folder from the root; a trailing star stands for each folder inside. */
  readonly folder: string;
  readonly floor: number;
  /** May its source import `node:*`? */
  readonly node: boolean;
  /** Packages from outside that its source may import, each also declared as a dependency. */
  readonly packages: 'declared' | readonly string[];
  /** Where the floor alone allows too much: the rooms that it may import. */
  readonly rooms?: readonly string[];
}

const contracts = 'packages/contracts';
const forServices = [contracts, 'packages/lifecycle', 'packages/telemetry', 'packages/client', 'packages/service-kit'];

export const plan: readonly Room[] = [
  // Examples, measurements and end-to-end tests stand on top: nobody is above them, so nobody can import them.
  { folder: 'e2e', floor: 6, node: true, packages: 'declared' },
  { folder: 'bench', floor: 6, node: true, packages: 'declared' },
  // An example shows what a user of the published libraries can do, and uses nothing else.
  { folder: 'examples/assistant/*', floor: 6, node: true, packages: 'declared', rooms: forServices },
  { folder: 'packages/cli', floor: 5, node: true, packages: 'declared' },
  { folder: 'services/*', floor: 4, node: true, packages: 'declared' },
  { folder: 'packages/broker', floor: 3, node: true, packages: 'declared' },
  { folder: 'packages/catalog', floor: 3, node: true, packages: 'declared' },
  { folder: 'packages/drivers', floor: 3, node: true, packages: 'declared' },
  { folder: 'packages/admin', floor: 3, node: true, packages: 'declared' },
  // Its source runs in browsers; what hands the built files to a server lies beside it, in `serve`.
  { folder: 'packages/page', floor: 3, node: false, packages: ['preact'], rooms: [contracts, 'packages/client'] },
  // Decisions without I/O. Clocks, timers and randomness are refused by the lint rules for this folder.
  { folder: 'packages/orchestration', floor: 2, node: false, packages: [], rooms: [contracts] },
  { folder: 'packages/telemetry', floor: 2, node: true, packages: 'declared' },
  // Runs in browsers too.
  // react: in the folder of that name only, which packages/client/test/bundle.test.ts sees to.
  { folder: 'packages/client', floor: 2, node: false, packages: ['react'], rooms: [contracts] },
  { folder: 'packages/service-kit', floor: 2, node: true, packages: 'declared' },
  { folder: contracts, floor: 1, node: false, packages: ['zod'] },
  { folder: 'packages/lifecycle', floor: 1, node: true, packages: [] },
];

/** Where rooms are; every folder in these with a package.json has to be in the plan. */
export const grounds = ['packages', 'services', 'examples/assistant'] as const;
