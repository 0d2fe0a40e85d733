import { conformanceOn } from './conformance-on.ts';

conformanceOn('Cluster with TLS and a password');
