#!/usr/bin/env node
/**
 * Plain JavaScript, since it is first run by whatever Node the machine has. On Node 24 or newer it is the program itself; on an
 * older one it looks for a newer Node beside or above this package and hands over to that.
 */
import { launch } from './launch.js';

await launch(import.meta.filename ?? new URL(import.meta.url).pathname);
