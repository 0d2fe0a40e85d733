export { createMemoryBroker, type MemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts';
export type { MemoryMessage, MemoryTransport } from './transport.ts';
