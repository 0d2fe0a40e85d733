import { entrypointName, instanceKey, pause as pauseSchema, type PauseTarget, serviceName } from '@reveille/contracts';
import { z } from 'zod';
import { clear, restart, stop } from '../act/end.ts';
import type { OperatorParts } from '../act/operator-parts.ts';
import { pause, resume } from '../act/pause.ts';
import { start } from '../act/start.ts';
import { Problem } from '../http/problem.ts';
import { type Route, route } from '../http/route.ts';
import { planQuery, planView, planViewOf } from '../view/plan-view.ts';

/** How long what an operator starts is wanted, at most: longer than any deadline of an attempt that is of use to somebody who waits. */
const defaultForMs = 120_000;
const forMs = z.number().int().min(1_000).max(3_600_000).default(defaultForMs);

const oneOf = (...names: string[]) => `exactly one of ${names.join(' and ')}`;
const meantBody = z
  .object({ instance: instanceKey.optional(), service: serviceName.optional() })
  .refine(
    ({ instance, service }) => (instance === undefined) !== (service === undefined),
    oneOf('instance', 'service'),
  );
const targetBody = z
  .object({ service: serviceName.optional(), entrypoint: entrypointName.optional() })
  .refine(
    ({ service, entrypoint }) => (service === undefined) !== (entrypoint === undefined),
    oneOf('service', 'entrypoint'),
  );
const ended = z.object({
  instances: z.array(
    z.object({ instance: instanceKey, generation: z.number().int(), outcome: z.enum(['asked', 'not_running']) }),
  ),
});
const cleared = z.object({ cleared: z.array(instanceKey) });

/** What operators may do. Each is written to the audit log. */
export function actionRoutes(parts: OperatorParts): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/start',
      summary:
        'Starts what an entrypoint or a service needs for a user, and wants it for `forMs` or until it is ready or failed.',
      body: planQuery.safeExtend({ forMs }),
      status: 202,
      response: planView,
      audited: { action: 'start', target: ({ body }) => body.entrypoint ?? body.service ?? '' },
      handle: async ({ body }) => planViewOf(parts.broker.ledger, await start(parts, body, body.forMs)),
    }),
    route({
      method: 'post',
      path: '/v1/stop',
      summary: 'Ends an instance, or all of a service. What users have is left alone (409 in_use) unless `force`.',
      body: meantBody.safeExtend({ force: z.boolean().default(false) }),
      status: 202,
      response: ended,
      audited: { action: 'stop', target: ({ body }) => body.instance ?? body.service ?? '' },
      handle: async ({ body }) => ({ instances: await stop(parts, body, body.force) }),
    }),
    route({
      method: 'post',
      path: '/v1/restart',
      summary:
        'Ends an instance, or all of a service, and starts it anew; what does not run is started. Its users wait meanwhile.',
      body: meantBody.safeExtend({ forMs }),
      status: 202,
      response: ended,
      audited: { action: 'restart', target: ({ body }) => body.instance ?? body.service ?? '' },
      handle: async ({ body }) => ({ instances: await restart(parts, body, body.forMs) }),
    }),
    route({
      method: 'post',
      path: '/v1/clear',
      summary:
        'Forgets the failure of an instance or of all of a service, with its strikes, and of what failed because of it.',
      body: meantBody,
      response: cleared,
      audited: { action: 'clear', target: ({ body }) => body.instance ?? body.service ?? '' },
      handle: async ({ body }) => ({ cleared: await clear(parts, body) }),
    }),
    route({
      method: 'post',
      path: '/v1/pause',
      summary: 'Takes a service down, or closes an entrypoint to whoever comes: users are told `maintenance`.',
      body: targetBody.safeExtend({ reason: z.string().max(500).optional() }),
      response: pauseSchema,
      audited: { action: 'pause', target: ({ body }) => body.service ?? body.entrypoint ?? '' },
      handle: ({ body: { reason, ...target } }, { by }) =>
        pause(parts, { target: targetOf(target), by, ...(reason === undefined ? {} : { reason }) }),
    }),
    route({
      method: 'post',
      path: '/v1/resume',
      summary: 'Ends a pause, and clears what failed because of it.',
      body: targetBody,
      response: cleared,
      audited: { action: 'resume', target: ({ body }) => body.service ?? body.entrypoint ?? '' },
      handle: async ({ body }) => ({ cleared: await resume(parts, targetOf(body)) }),
    }),
    route({
      method: 'post',
      path: '/v1/webhooks/dead/{id}/retry',
      summary: 'Delivers a webhook that was given up once more, with all its tries.',
      params: z.object({ id: z.string().max(200) }),
      response: z.object({ retried: z.literal(true) }),
      audited: { action: 'retry_webhook', target: ({ params }) => params.id },
      async handle({ params: { id } }) {
        if (!(await parts.broker.webhooks.retry(id))) throw new Problem('not_found', `No webhook ${id} was given up.`);
        return { retried: true as const };
      },
    }),
  ];
}

function targetOf({ service, entrypoint }: z.infer<typeof targetBody>): PauseTarget {
  if (service !== undefined) return { kind: 'service', name: service };
  if (entrypoint !== undefined) return { kind: 'entrypoint', name: entrypoint };
  throw new Error('a parsed body names one of both');
}
