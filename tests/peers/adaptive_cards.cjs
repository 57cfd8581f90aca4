// Reads cards (a JSON list) from the file that is named, and prints what Microsoft's library has against each.
const fs = require("node:fs");
const AC = require("adaptivecards/dist/adaptivecards.js");

const cards = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const problems = [];
for (const [number, json] of cards.entries()) {
  const context = new AC.SerializationContext(AC.Versions.v1_5);
  const card = new AC.AdaptiveCard();
  const { lang, ...rest } = json; // the library holds a regular expression with a memory against it
  card.parse(rest, context);
  const said = /^[a-z]{2}$/.test(lang) ? [] : [`lang is ${lang}`];
  for (let i = 0; i < context.eventCount; i++) said.push(context.getEventAt(i).message);
  said.push(...card.validateProperties().validationEvents.map((event) => event.message));
  if (said.length > 0) problems.push({ number, said });
}
console.log(JSON.stringify({ checked: cards.length, problems }));
