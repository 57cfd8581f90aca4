// What Microsoft's own library has against a Teams app package: its manifest, and the words in other languages.
const fs = require("node:fs");
const path = require("node:path");
const Ajv = require("ajv-draft-04");
const { AppManifestUtils } = require("@microsoft/app-manifest");

async function main(folder) {
  const [manifest, problems] = await AppManifestUtils.readAndValidateTeamsManifest(path.join(folder, "manifest.json"));
  const languages = {};
  for (const { file } of manifest.localizationInfo.additionalLanguages) {
    const words = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
    const schema = await AppManifestUtils.fetchSchema(words.$schema);
    // The schema has patterns that Unicode's stricter syntax refuses, so the library itself cannot check these files.
    const check = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false, formats: { uri: true } }).compile(schema);
    check(words);
    languages[file] = (check.errors || []).map((error) => `${error.instancePath} ${error.message}`);
  }
  console.log(JSON.stringify({ version: manifest.manifestVersion, problems, languages }));
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
