import type { LiveProbe, ReadyProbe, Service, ServiceName } from '@reveille/contracts';
import { type CatalogFault, fault } from './fault.ts';
import type { CatalogCheckTools } from './tools.ts';

const looksAgain = 'http, tcp or exec';

/** Probes that the way of starting cannot serve, and patterns that cannot be compiled. */
export function checkProbes(name: ServiceName, of: Service, tools: CatalogCheckTools): CatalogFault[] {
  const path = ['services', name];
  return [
    ...checkPattern([...path, 'ready'], of.ready, tools),
    ...checkPattern([...path, 'live'], of.live, tools),
    ...checkLive([...path, 'live'], of.live),
    ...checkReportedPort(path, of),
    ...(of.start.http === undefined ? [] : checkForeign(path, of)),
  ];
}

function checkPattern(
  path: (string | number)[],
  probe: ReadyProbe | LiveProbe | undefined,
  tools: CatalogCheckTools,
): CatalogFault[] {
  const pattern = probe?.log?.pattern;
  const wrong = pattern === undefined ? undefined : tools.regexFault(pattern);
  return wrong === undefined
    ? []
    : [fault([...path, 'log', 'pattern'], JSON.stringify(pattern), 'a regular expression (RE2 syntax)', wrong)];
}

/** A report and a log line are events: they tell that something began, and say nothing by staying away later. */
function checkLive(path: (string | number)[], live: LiveProbe | undefined): CatalogFault[] {
  const once = (['reported', 'log'] as const).filter((way) => live?.[way] !== undefined);
  return once.map((way) =>
    fault([...path, way], way, looksAgain, 'a live probe asks again and again, and this is said only once'),
  );
}

/** The address arrives with the report that the service is ready: every other probe would have nothing to look at, or not wait for it. */
function checkReportedPort(path: (string | number)[], of: Service): CatalogFault[] {
  if (of.endpoint.port !== 'reported' || of.ready.reported === true) return [];
  return [
    fault(
      [...path, 'endpoint', 'port'],
      'reported, with another ready probe',
      '`ready: {reported: true}` beside it',
      'the address comes with the report that the service is ready',
    ),
  ];
}

/** `http`: somebody else starts it. It is given no report URL, and its log is not ours to read. */
function checkForeign(path: (string | number)[], of: Service): CatalogFault[] {
  const why = 'a service that is started by an HTTP call is given no report URL';
  const faults: CatalogFault[] = [];
  if (of.ready.reported === true)
    faults.push(fault([...path, 'ready', 'reported'], 'reported with start: http', looksAgain, why));
  if (of.endpoint.port === 'reported')
    faults.push(fault([...path, 'endpoint', 'port'], 'reported with start: http', 'a port', why));
  if (of.ready.log !== undefined)
    faults.push(
      fault(
        [...path, 'ready', 'log'],
        'log with start: http',
        looksAgain,
        'the log of a service that somebody else starts cannot be read',
      ),
    );
  return faults;
}
