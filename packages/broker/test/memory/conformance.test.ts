import { brokerConformance } from '../conformance/broker-conformance.ts';
import { memoryBench } from './memory-bench.ts';

brokerConformance(memoryBench);
