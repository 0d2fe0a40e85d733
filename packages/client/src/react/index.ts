export { type Progress, type Reveille, useReveille } from './use-reveille.ts';
