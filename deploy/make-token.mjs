/**
 * Prints a token (JWT) that edges with REVEILLE_JWT_SECRET take. For trying things out: in production tokens come from your issuer.
 *
 * Usage: node make-token.mjs [USER [TENANT [VALID]]], such as `alice acme 2h`. Default: dev, dev, 8h.
 */
import { SignJWT } from 'jose';

const [user = 'dev', tenant = 'dev', valid = '8h'] = process.argv.slice(2);
const secret = process.env.REVEILLE_JWT_SECRET;
if (!secret) throw new Error('REVEILLE_JWT_SECRET is not set');
const token = new SignJWT({ tenant }).setProtectedHeader({ alg: 'HS256' }).setSubject(user).setIssuedAt();
console.log(await token.setExpirationTime(valid).sign(new TextEncoder().encode(secret)));
