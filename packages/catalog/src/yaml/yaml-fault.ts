import type { Position } from './source-map.ts';

/** Something that makes the text no YAML that is taken. */
export type YamlFault = Position & { path: string; found: string; expected: string };
