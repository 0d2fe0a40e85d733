import { conformanceOn } from './conformance-on.ts';

conformanceOn('standalone with AOF');
