import { foldText } from './fold-text.ts';
import type { Json } from './json.ts';
import { compilePath } from './json-path.ts';

/** What stands at one path of a frame. `text` is undefined for lists, mappings, null and nothing. */
export type Place = { readonly value: Json | undefined; readonly text: string | undefined; folded: string | undefined };

/** A frame under judgement. Places that several rules look at are found and folded once per frame. */
export type Frame = { readonly data: Json; readonly places: (Place | undefined)[] };

/** The paths that the rules of an entrypoint look at, each once. */
export type Places = {
  /** Registers a path; the function finds its place in a frame. */
  lookAt(path: string): (frame: Frame) => Place;
};

export function places(): Places {
  const slots = new Map<string, number>();
  return {
    lookAt(path) {
      const slot = slots.get(path) ?? slots.size;
      slots.set(path, slot);
      const walk = compilePath(path);
      return (frame) => (frame.places[slot] ??= placeOf(walk(frame.data)));
    },
  };
}

export function frameOf(data: Json): Frame {
  return { data, places: [] };
}

/** The text at a place in the form in which it is compared. */
export function foldedAt(place: Place): string | undefined {
  if (place.text === undefined) return undefined;
  place.folded ??= foldText(place.text);
  return place.folded;
}

function placeOf(value: Json | undefined): Place {
  return { value, text: textOf(value), folded: undefined };
}

/** Numbers and booleans are compared as they are written in JSON, so that `equals: "true"` is not a rule that never applies. */
export function textOf(value: Json | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}
