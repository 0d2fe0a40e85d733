import { z } from 'zod';

const command = z.array(z.string().min(1)).min(1);
const environment = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'a name of an environment variable'), z.string());

export const processStart = z.strictObject({
  command,
  cwd: z.string().optional(),
  env: environment.optional(),
  passEnv: z.array(z.string()).optional(),
});
export type ProcessStart = z.infer<typeof processStart>;

const moduleStart = z.strictObject({
  path: z.string().min(1),
  export: z.string().min(1).optional(),
  env: environment.optional(),
  passEnv: z.array(z.string()).optional(),
});

const dockerStart = z.strictObject({
  image: z.string().min(1),
  command: command.optional(),
  env: environment.optional(),
  volumes: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
  /** On which port of the Engine's host: any free one, or this. */
  publish: z.union([z.literal(true), z.number().int().min(1).max(65535)]).optional(),
  pull: z.enum(['always', 'missing', 'never']).optional(),
  resources: z.strictObject({ cpus: z.number().positive().optional(), memory: z.string().optional() }).optional(),
});

const kubernetesStart = z.strictObject({
  scale: z
    .strictObject({
      kind: z.enum(['Deployment', 'StatefulSet']),
      name: z.string(),
      namespace: z.string().optional(),
      replicas: z.number().int().positive(),
    })
    .optional(),
  template: z.strictObject({ file: z.string(), namespace: z.string().optional() }).optional(),
});

const httpCall = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).optional(),
});
const httpStart = z.strictObject({ start: httpCall, stop: httpCall.optional(), status: httpCall.optional() });

export const driverNames = ['process', 'module', 'docker', 'kubernetes', 'http'] as const;
export type DriverName = (typeof driverNames)[number];

/** How a service is started: exactly one driver with its settings. */
export const start = z
  .strictObject({
    process: processStart.optional(),
    module: moduleStart.optional(),
    docker: dockerStart.optional(),
    kubernetes: kubernetesStart.optional(),
    http: httpStart.optional(),
  })
  .superRefine((value, context) => {
    const given = driverNames.filter((name) => value[name] !== undefined);
    if (given.length !== 1)
      context.addIssue({
        code: 'custom',
        message: `exactly one of ${driverNames.join(', ')} is expected, found ${given.join(' and ') || 'none'}`,
      });
  });
export type Start = z.infer<typeof start>;
