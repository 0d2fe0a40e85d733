import { stripVTControlCharacters } from 'node:util';

/** Control characters but tab and line feed, in both of their ranges. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** They turn the direction of what follows, so that a line reads as something else than it is. */
const directions = /[\u202a-\u202e\u2066-\u2069]/g;

/** Text of a service for a terminal: nothing in it may steer the terminal or disguise itself. Lines and tabs stay. */
export function printable(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replaceAll(controls, '').replaceAll(directions, '');
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ').trim();
}
