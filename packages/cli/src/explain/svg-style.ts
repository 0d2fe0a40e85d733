import type { PhaseKind } from '@reveille/orchestration';

/** Light by default, dark where the reader's system is; every text has a contrast of at least 4.5 on its ground in both. */
export const svgStyle = `
  svg { --ground: #ffffff; --ink: #1c2128; --soft: #59636e; --line: #d8dee4; --band: #f4f6f8; --chain: #1c2128;
    --starting: #6f9fd8; --reported: #2f6fb5; --probing: #9b8fd0; --queued: #e0a93b; --backoff: #d9774f;
    --waiting: #e6eaee; --connecting: #57a773; --unattributed: #b9c0c8; --failed: #cf3d3d; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #14181d; --ink: #e8ecf0; --soft: #9aa5b1; --line: #2d343c; --band: #1a1f25; --chain: #f2f5f8;
      --starting: #5283bd; --reported: #3f86d6; --probing: #8477c4; --queued: #c9922a; --backoff: #c86540;
      --waiting: #272e36; --connecting: #4a9765; --unattributed: #5d6772; --failed: #e05c5c; }
  }
  text { font: 12px ui-sans-serif, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--ink); }
  .title { font-size: 17px; font-weight: 600; } .soft { fill: var(--soft); } .name { font-weight: 600; }
  .small { font-size: 11px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .in { font-size: 11px; fill: #ffffff; } .dark { fill: #14181d; }
  .ground { fill: var(--ground); } .band { fill: var(--band); } .line { stroke: var(--line); }
  .chain { fill: none; stroke: var(--chain); stroke-width: 1.5; } .link { stroke-dasharray: 2 3; }
  .failed { fill: var(--failed); }
`;

/** In the order of the legend. `inside`: what is readable on it. */
export const svgKinds: readonly { kind: PhaseKind; words: string; inside: 'in' | 'in dark' }[] = [
  { kind: 'reported', words: 'work it reports', inside: 'in' },
  { kind: 'starting', words: 'being started', inside: 'in dark' },
  { kind: 'probing', words: 'running, not ready', inside: 'in dark' },
  { kind: 'queued', words: 'in the queue', inside: 'in dark' },
  { kind: 'backoff', words: 'pause, then again', inside: 'in dark' },
  { kind: 'connecting', words: 'connecting the user', inside: 'in dark' },
  { kind: 'waiting', words: 'waiting for others', inside: 'in dark' },
  { kind: 'unattributed', words: 'unattributed', inside: 'in dark' },
];
