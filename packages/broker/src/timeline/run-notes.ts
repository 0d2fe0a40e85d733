import type { RunNote, RunsBy, RunWait } from '@reveille/orchestration';

/** What a note changes: fields of the hash of its initialization, and where that is found from now on. */
export type NoteWrites = {
  initialization: string;
  /** Set where they are not there yet. */
  firsts: [field: string, value: string][];
  sets: [field: string, value: string][];
  adds: [field: string, value: string][];
  wait?: [field: string, value: string];
  found: { by: string; at: number }[];
};

export const fields = {
  /** Of the first plan, and of each by its target. */
  head: 'head',
  headOf: 'head.',
  end: 'end',
  wait: 'wait.',
  generation: 'generation.',
  position: 'position.',
  unlisted: 'unlisted',
  /** Who writes the root span. */
  claimed: 'claimed',
  claimedWait: 'claimed.',
} as const;

export function indexName(runs: RunsBy): string {
  return runs.by === 'all' ? 'all' : `${runs.by}.${runs.value}`;
}

export function writesOf(note: RunNote): NoteWrites {
  switch (note.kind) {
    case 'begun': {
      const { initialization, entrypoint, traceId, startedAt } = note.head;
      const found: RunsBy[] = [{ by: 'all' }, { by: 'entrypoint', value: entrypoint }, { by: 'trace', value: traceId }];
      return {
        initialization,
        firsts: [
          [fields.head, JSON.stringify(note.head)],
          [`${fields.headOf}${note.head.target}`, JSON.stringify(note.head)],
        ],
        sets: [],
        adds: [],
        found: found.map((one) => ({ by: indexName(one), at: startedAt })),
      };
    }
    case 'waits': {
      const { initialization, startedAt, wait } = note;
      const found: RunsBy[] = [
        { by: 'user', value: wait.user },
        { by: 'session', value: wait.session },
      ];
      return {
        initialization,
        firsts: [],
        sets: [],
        adds: [],
        wait: [`${fields.wait}${wait.session}`, JSON.stringify(wait)],
        // Once, when it begins.
        found: wait.to === undefined ? found.map((one) => ({ by: indexName(one), at: startedAt })) : [],
      };
    }
    case 'generations': {
      const sets = [...note.generations].map(([instance, generation]): [string, string] => [
        `${fields.generation}${instance}.${generation}`,
        String(generation),
      ]);
      return { initialization: note.initialization, firsts: [], sets, adds: [], found: [] };
    }
    case 'position':
      return {
        initialization: note.initialization,
        firsts: [[`${fields.position}${note.place}`, String(note.position)]],
        sets: [],
        adds: [],
        found: [],
      };
    case 'crowd':
      return {
        initialization: note.initialization,
        firsts: [],
        sets: [],
        adds: [[fields.unlisted, String(note.count)]],
        found: [],
      };
    case 'ended':
      return {
        initialization: note.initialization,
        firsts: [],
        sets: [[fields.end, JSON.stringify(note.end)]],
        adds: [],
        found: [],
      };
    case 'claimed':
      return {
        initialization: note.initialization,
        firsts: [[note.session === undefined ? fields.claimed : `${fields.claimedWait}${note.session}`, note.by]],
        sets: [],
        adds: [],
        found: [],
      };
  }
}

/** Of these notes, the initializations that they claim. */
export function claimedBy(notes: readonly RunNote[]): ReadonlySet<string> {
  return new Set(notes.flatMap((note) => (note.kind === 'claimed' ? [note.initialization] : [])));
}

/** A wait that has begun counts once, whether it is listed or not. */
export function begins([, text]: [string, string]): boolean {
  return (JSON.parse(text) as RunWait).to === undefined;
}
