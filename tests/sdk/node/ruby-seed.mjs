// What the Ruby snippet of the reference does, with the Node SDK: list admin API keys, print them.
import OpenAI from 'openai';

const client = new OpenAI({ adminAPIKey: process.env.OPENAI_ADMIN_KEY });
const page = await client.admin.organization.adminAPIKeys.list();
console.log(JSON.stringify(page.body));
