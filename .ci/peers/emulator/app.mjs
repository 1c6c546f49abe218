// What an app does to get a token of its own, for `tests/peers/emulator.rs`:
//   app.mjs key               prints a new private key
//   app.mjs token KEY ROOT    signs in with it at ROOT as the app of the seed, and prints a token of its installation
import { createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [mode, key, root] = process.argv.slice(2);
if (mode === 'key') {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    process.stdout.write(privateKey.export({ type: 'pkcs1', format: 'pem' }));
} else {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 300, iss: '12345' })}`;
    const signed = `${text}.${createSign('RSA-SHA256').update(text).sign(readFileSync(key), 'base64url')}`;
    const answer = await fetch(`${root}/app/installations/100/access_tokens`, {
        method: 'POST',
        headers: { authorization: `Bearer ${signed}` },
    });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${body}`);
    process.stdout.write(JSON.parse(body).token);
}
