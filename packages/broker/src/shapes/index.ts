export { clientOf } from './client-of.ts';
export { type ClusterNode, RedisCluster } from './cluster.ts';
export { type Certificates, makeCertificates } from './make-certificates.ts';
export { RedisSentinels } from './sentinel.ts';
export type { ShapeOptions } from './shape-options.ts';
