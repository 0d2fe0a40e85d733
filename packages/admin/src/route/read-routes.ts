import {
  auditEntry,
  changeKind,
  deadWebhook,
  displayName,
  instanceKey,
  instanceState,
  pause,
  progress,
} from '@reveille/contracts';
import { auditKept, deadWebhooksKept } from '@reveille/orchestration';
import { z } from 'zod';
import { findInstances } from '../act/find-instances.ts';
import type { OperatorParts } from '../act/operator-parts.ts';
import { planMeant } from '../act/start.ts';
import { Problem } from '../http/problem.ts';
import { type Route, route } from '../http/route.ts';
import { instanceView, viewOf } from '../view/instance-view.ts';
import { planQuery, planView, planViewOf } from '../view/plan-view.ts';
import { stuckAmong, surveyView } from '../view/survey-view.ts';

const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
const count = z.number().int();

/** What there is. */
export function readRoutes(parts: OperatorParts): Route[] {
  const { broker } = parts;
  return [
    route({
      method: 'get',
      path: '/v1/catalog',
      summary: 'The catalog in use.',
      response: z.object({
        digest: z.string(),
        services: z.array(z.object({ service: z.string(), name: z.string(), scope: z.string(), update: z.string() })),
        entrypoints: z.array(z.object({ entrypoint: z.string(), service: z.string() })),
      }),
      async handle() {
        const { catalog, digest } = parts.catalog();
        const services = Object.entries(catalog.services).map(([service, spec]) => {
          const { scope, update } = spec;
          return { service, name: displayName(service, spec), scope, update };
        });
        const entrypoints = Object.entries(catalog.entrypoints).map(([entrypoint, { service }]) => ({
          entrypoint,
          service,
        }));
        return { digest, services, entrypoints };
      },
    }),
    route({
      method: 'get',
      path: '/v1/instances',
      summary: 'Instances that the ledger knows, by name.',
      query: z.object({ service: z.string().optional(), state: instanceState.optional(), limit: limit(5_000, 500) }),
      response: z.object({ total: count, instances: z.array(instanceView) }),
      async handle({ query }) {
        const readings = await findInstances(
          broker.ledger,
          ({ record }) =>
            record !== undefined &&
            (query.service === undefined || record.service === query.service) &&
            (query.state === undefined || record.state === query.state),
        );
        const views = readings.flatMap((reading) => viewOf(reading) ?? []);
        const sorted = views.toSorted((one, other) => (one.instance < other.instance ? -1 : 1));
        return { total: sorted.length, instances: sorted.slice(0, query.limit) };
      },
    }),
    route({
      method: 'get',
      path: '/v1/instances/{instance}',
      summary: 'One instance.',
      params: z.object({ instance: instanceKey }),
      response: instanceView,
      async handle({ params: { instance } }) {
        const [reading] = await broker.ledger.read([instance]);
        const view = reading && viewOf(reading);
        if (view === undefined) throw new Problem('not_found', `There is no instance ${instance}.`);
        return view;
      },
    }),
    route({
      method: 'get',
      path: '/v1/instances/{instance}/timeline',
      summary: 'What became of a generation of an instance, oldest first; without `generation` of the present one.',
      params: z.object({ instance: instanceKey }),
      query: z.object({ generation: z.coerce.number().int().min(0).optional() }),
      response: z.object({
        generation: count,
        changes: z.array(
          z.object({
            at: z.number(),
            change: changeKind,
            state: instanceState,
            attempt: count,
            progress: progress.optional(),
          }),
        ),
      }),
      async handle({ params: { instance }, query }) {
        const [reading] = await broker.ledger.read([instance]);
        const generation = query.generation ?? reading?.record?.generation ?? 0;
        const { entries } = await broker.timelines.read(instance, generation);
        const changes = entries.map(({ at, change, record: { state, attempt, progress: said } }) => ({
          ...{ at, change, state, attempt },
          ...(said === undefined ? {} : { progress: said }),
        }));
        return { generation, changes };
      },
    }),
    route({
      method: 'get',
      path: '/v1/plan',
      summary: 'What an entrypoint or a service needs for a user, dependencies first, and how far each of it is.',
      query: planQuery,
      response: planView,
      handle: async ({ query }) => planViewOf(broker.ledger, await planMeant(parts, query)),
    }),
    route({
      method: 'get',
      path: '/v1/sessions',
      summary: 'How many sessions the live edges have, as they announced it last (within five seconds).',
      response: z.object({
        edges: count,
        sessions: count,
        entrypoints: z.array(z.object({ entrypoint: z.string(), sessions: count, waiting: count })),
      }),
      async handle() {
        const edges = (await broker.members.alive()).filter(({ kind }) => kind === 'edge');
        const sums = new Map<string, { sessions: number; waiting: number }>();
        for (const [entrypoint, open] of edges.flatMap(({ sessions = {} }) => Object.entries(sessions))) {
          const sum = sums.get(entrypoint) ?? { sessions: 0, waiting: 0 };
          sums.set(entrypoint, { sessions: sum.sessions + open.open, waiting: sum.waiting + open.waiting });
        }
        const entrypoints = [...sums].map(([entrypoint, sum]) => ({ entrypoint, ...sum }));
        return { edges: edges.length, sessions: entrypoints.reduce((sum, one) => sum + one.sessions, 0), entrypoints };
      },
    }),
    route({
      method: 'get',
      path: '/v1/survey',
      summary: 'What a doctor has to know: Redis as this relay sees it, what waits in it, who is alive, what is stuck.',
      response: surveyView,
      async handle() {
        const [redis, alive, readings] = await Promise.all([
          parts.survey(),
          broker.members.alive(),
          findInstances(broker.ledger, ({ record }) => record !== undefined),
        ]);
        const members = alive.map(({ id, kind, startedAt }) => ({ id, kind, startedAt }));
        return { at: Date.now(), redis, members, instances: readings.length, stuck: stuckAmong(readings) };
      },
    }),
    route({
      method: 'get',
      path: '/v1/pauses',
      summary: 'What is paused.',
      response: z.object({ pauses: z.array(pause) }),
      handle: async () => ({ pauses: await broker.operations.pauses() }),
    }),
    route({
      method: 'get',
      path: '/v1/audit',
      summary: `The actions of this API, newest first; the last ${auditKept} are kept.`,
      query: z.object({ limit: limit(auditKept, 100) }),
      response: z.object({ entries: z.array(auditEntry) }),
      handle: async ({ query }) => ({ entries: await broker.operations.audit(query.limit) }),
    }),
    route({
      method: 'get',
      path: '/v1/webhooks/dead',
      summary: `Webhooks that were given up, newest first; the last ${deadWebhooksKept} are kept.`,
      query: z.object({ limit: limit(deadWebhooksKept, 100) }),
      response: z.object({ webhooks: z.array(deadWebhook) }),
      handle: async ({ query }) => ({ webhooks: await broker.webhooks.dead(query.limit) }),
    }),
  ];
}
