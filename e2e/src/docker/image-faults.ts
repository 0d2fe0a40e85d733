import { docker, type images } from './compose.ts';

type Image = (typeof images)[number];
type Inspected = {
  Size: number;
  Config: { User?: string; Healthcheck?: object; Labels?: Record<string, string> | null };
};

const mostBytes = 250_000_000;
/** What only building needs. */
const forBuilding = ['typescript', 'vitest', 'turbo', 'vite'];

/** What an image that is shipped must be, and what is wrong with this one. Bytes and user are for people. */
export function inspectImage(image: Image): { about: string; faults: string[] } {
  const [{ Size, Config }] = JSON.parse(docker('inspect', `reveille/${image}`)) as [Inspected];
  const user = Config.User ?? '';
  const faults: string[] = [];
  const expect = (isSo: boolean, words: string): void => void (isSo || faults.push(`${image}: ${words}`));
  expect(Size < mostBytes, `it has ${Size} bytes, and ${mostBytes} are allowed`);
  expect(user !== '' && !/^(0|root)(:|$)/.test(user), 'it runs as root');
  // Initializers probe the services of the assistant.
  expect(image === 'assistant' || Config.Healthcheck !== undefined, 'it has no HEALTHCHECK');
  if (image !== 'balancer') faults.push(...faultsInside(image, Config.Labels ?? {}));
  return { about: `${image}: ${(Size / 1e6).toFixed(0)} MB, user ${user || 'root'}`, faults };
}

function faultsInside(image: Image, labels: Record<string, string>): string[] {
  const faults: string[] = [];
  for (const label of ['version', 'revision', 'licenses', 'title'].map((name) => `org.opencontainers.image.${name}`))
    if ([undefined, '', 'unknown'].includes(labels[label])) faults.push(`${image}: the label ${label} says nothing`);
  const look = `
    const { existsSync, readFileSync } = require('node:fs');
    const sbom = JSON.parse(readFileSync('/app/sbom.cdx.json', 'utf8'));
    const names = ${JSON.stringify(forBuilding)}.filter((name) => existsSync('/app/node_modules/' + name));
    const npm = process.env.PATH.split(':').some((folder) => existsSync(folder + '/npm'));
    console.log(JSON.stringify({ components: sbom.components?.length ?? 0, names, npm }));`;
  const said = docker('run', '--rm', '--network', 'none', '--entrypoint', 'node', `reveille/${image}`, '-e', look);
  const { components, names, npm } = JSON.parse(said) as { components: number; names: string[]; npm: boolean };
  if (components === 0) faults.push(`${image}: its list of components is empty`);
  if (names.length > 0) faults.push(`${image}: it holds ${names.join(', ')}, which only building needs`);
  if (npm) faults.push(`${image}: it holds npm`);
  return faults;
}
