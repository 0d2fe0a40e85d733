import { expect, test } from 'vitest';
import { createLogger } from '../../src/index.ts';
import { OUTAGE_GAP_MS, exportTroubleLogger } from '../../src/trace/export-trouble.ts';

test('an outage of the collector is one line, and a later outage is another', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const logger = createLogger({ name: 'edge', destination: { write: (line) => void lines.push(line) } });
  const diag = exportTroubleLogger(logger, () => nowMs);
  for (; nowMs < 3 * OUTAGE_GAP_MS; nowMs += OUTAGE_GAP_MS / 100) diag.error('ECONNREFUSED', 'http://collector:4318');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', detail: 'ECONNREFUSED http://collector:4318' });
  nowMs += 2 * OUTAGE_GAP_MS;
  diag.warn('Dropped 7 spans');
  diag.info('not heard');
  expect(lines).toHaveLength(2);
});
