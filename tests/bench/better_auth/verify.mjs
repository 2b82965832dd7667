// verify.mjs SOCKET_DIRECTORY PORT USER KEYS SECONDS: makes that many keys with better-auth's API-key
// plugin in a PostgreSQL, then checks them one after the other. Prints the checks a second.
//
// As its documentation sets it up, but without the limit on a key's rate, which ends after ten checks a day.
import { apiKey } from "@better-auth/api-key";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { randomBytes } from "node:crypto";
import pg from "pg";

const [host, port, user, count, seconds] = process.argv.slice(2);

const database = new pg.Pool({ host, port: Number(port), user, database: "postgres" });
const auth = betterAuth({
  baseURL: "http://localhost",
  secret: randomBytes(32).toString("hex"),
  database,
  emailAndPassword: { enabled: true },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
});

await (await getMigrations(auth.options)).runMigrations();
const password = randomBytes(16).toString("hex");
const email = `${password}@example.com`;
const { user: owner } = await auth.api.signUpEmail({ body: { name: "bench", email, password } });
const keys = [];
for (let i = 0; i < Number(count); i++) {
  keys.push((await auth.api.createApiKey({ body: { userId: owner.id } })).key);
}

let checks = 0;
const startedAt = performance.now();
const endsAt = startedAt + Number(seconds) * 1000;
while (performance.now() < endsAt) {
  const { valid } = await auth.api.verifyApiKey({ body: { key: keys[checks % keys.length] } });
  if (!valid) {
    throw new Error("a good key was refused");
  }
  checks++;
}
console.log((checks / (performance.now() - startedAt)) * 1000);
await database.end();
