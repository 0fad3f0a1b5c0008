/** A line no server should trust, and what is expected back: `null` for silence, else the error code and the id. */
export type HostileLine = readonly [line: Buffer, answer: null | { code: number; id: string | number | null }];

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;

const hex = (digits: string) => Buffer.from(digits.replaceAll(" ", ""), "hex");
const nested = (levels: number) => `{"jsonrpc":"2.0","id":"deep","method":"ping","params":${deep(levels - 1)}}`;
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const call = (id: string, rest = '"method":"ping"') => `{"jsonrpc":"2.0","id":${id},${rest}}`;

/** After the n_ cases of JSONTestSuite (MIT): not JSON at all. */
const MALFORMED: readonly (string | Buffer)[] = [
  ...["[1 true]", '["": 1]', '[""],', "[,1]", "[1,,2]", '["x",,]', '["x"]]', '["",]', '["x"', "[x", "[3[4]]", "[1:2]"],
  ...["[,]", "[-]", '[   , ""]', "[1,]", "[1,,]", '["\va"\f]', "[*]", '[""', "[1,", "[{}", "[fals]", "[nul]", "[tru]"],
  ...["123\0", "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]", "[0.1.2]"],
  ...["[0.3e+]", "[0.e1]", "[0e]", "[1.0e-]", "[1 000.0]", "[1eE2]", "[2.e+3]", "[Inf]", "[NaN]", "[１]", "[1+2]"],
  ...[
    "[0x42]",
    "[Infinity]",
    "[-Infinity]",
    "[-foo]",
    "[- 1]",
    "[012]",
    "[1ea]",
    "[1.2a-3]",
    '["x", truth]',
    '{[: "x"}',
  ],
  ...[
    '{"x", null}',
    '{"x"::"b"}',
    "{🇨🇭}",
    '{"a":"a" 123}',
    "{key: 'value'}",
    '{"a" b}',
    '{:"b"}',
    '{"a" "b"}',
    '{"a":',
  ],
  ...['{"a"', "{1:1}", "{9999E9999:1}", "{null:null,null:null}", "{'a':0}", '{"a":"b"}/**/', '{"a":"b"}//'],
  ...['{"a":"b",,"c":"d"}', '{a: "b"}', '{"a":"a', '{"a": "b"}#', "&", '["\\uD800\\"]', "[é]", '["\\\0"]', '["\\x00"]'],
  ...['["\\\t"]', '["\\🌀"]', '["\\"]', '["\\uD834\\uDd"]', '["\\a"]', '["\\uqqqq"]', '[\\u0020"asd"]', "[\\n]", '"'],
  ...["['single quote']", "abc", '["\\', '["a\0a"]', '["\t"]', '"\\UA66D"', '""x', "<.>", "[<null>]", "[1]x", "[1]]"],
  ...['["asd]', "aå", "[True]", "1]", '{"x": true,', "[][]", "]", "[", "[\0]", "2@", "{}}", '{"":', '{"a":/*c*/"b"}'],
  ...['{"a": true} "x"', "['", "[,", "[{", '["a', "{]", "{,", "{[", "{'", '{"', '["\\{["\\{["\\{', "*", '{"a":"b"}#{}'],
  ...['[\\u000A""]', "[1", "[ false, nul", "å", "[\u2060]", "[\f]", "\0", "\0\0\0\0"],
  ...[hex("5b61e55d"), hex("5bff5d"), hex("7b22b9223a2230222c7d"), hex("5b225ce5225d"), hex("efbb7b7d"), hex("e5")],
];

/** After the i_ cases of JSONTestSuite: not UTF-8, which JSON has to be. */
const NOT_UTF8 = [
  ...[
    hex("fffe5b0022005d00"),
    hex("feff005b0022005d"),
    hex("5b22e0ff225d"),
    hex("5b22c0af225d"),
    hex("5b22eda080225d"),
  ],
  ...[hex("5b22f4bfbfbf225d"), hex("5b22fc83bfbfbfbf225d"), hex("5b2281225d"), hex("5b22e9225d"), hex("5b2220ff225d")],
];

/** JSON, but no JSON-RPC message, and nothing that tells whose it is. */
const NOT_MESSAGES = [
  ...["[]", "[[]]", "{}", "null", "true", "0", "1e400", "-0.0", '""', '"ping"', `[${call("1")}]`, `[${call("1")},1]`],
  ...["[123.456e78]", "[1e-500]", '["\\uDADA"]', '["\\uDd1e\\uD834"]', '{"":0}', '{"a":[]}', '{"method":"ping"}'],
  ...['{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","method":5}', '{"jsonrpc":"2.0","method":null}', "[{},{},{}]"],
  ...['{"jsonrpc":"2.0","method":"x","params":[1]}', '{"jsonrpc":"2.0","method":"x","params":5}'],
  ...[call("null"), call("1.5"), call("[1]"), call("{}"), call("true"), call("12345678901234567890"), call("1e400")],
  // Responses: their ids are the server's own.
  ...[call("7", '"result":5'), call("7", '"error":5'), call("7", '"result":{},"error":{}'), call('"7"', '"error":{}')],
  call("7", '"method":"ping","result":{}'),
];

/** Not served, but the id tells whose answer it is. */
const RECOVERED: readonly (readonly [line: string, code: number, id: string | number])[] = [
  ['{"id":0,}', PARSE_ERROR, 0],
  ['{"id":0,,,,,}', PARSE_ERROR, 0],
  [`${call("11")}}`, PARSE_ERROR, 11],
  [`${call('"a\\"b"')}]`, PARSE_ERROR, 'a"b'],
  ['{"jsonrpc":"2.0","method":"ping","params":{"id":1},"id": 12 ,', PARSE_ERROR, 12],
  ['{"jsonrpc":"2.0","params":{"text":"\\"id\\":1,"},"id":-13,"method":}', PARSE_ERROR, -13],
  ['{"jsonrpc":"1.0","id":14,"method":"ping"}', INVALID_REQUEST, 14],
  ['{"id":15,"method":"ping"}', INVALID_REQUEST, 15],
  ['{"jsonrpc":"2.0","id":16}', INVALID_REQUEST, 16],
  [call('"x"', '"method":["ping"]'), INVALID_REQUEST, "x"],
  [call("17", '"method":"ping","params":[]'), INVALID_REQUEST, 17],
  [call("18", '"method":"ping","params":{"_meta":5}'), INVALID_REQUEST, 18],
  [call("19", '"method":"ping","extra":1'), INVALID_REQUEST, 19],
  [nested(101), INVALID_REQUEST, "deep"],
];

/** Malformed, with an id in sight that is not the id of the message. */
const NOT_RECOVERED = [
  '{"jsonrpc":"2.0","method":"ping","params":{"id":1},,}',
  '[{"id":1},,]',
  '["id":1,]',
  '{"a":"\\"id\\":1,",}',
  '{"id":1',
  '{"id":"\\x",}',
  call("7", '"result":{},'),
  call("7", '"error" : {},'),
];

const TOO_DEEP = ["[".repeat(100_000), '[{"":'.repeat(50_000), `${"[".repeat(500)}${"]".repeat(500)}`, deep(101)];
const SILENT = ["", " ", "\t \r", "\r", "\ufeff", "\ufeff \r"];

const expecting = (lines: readonly (string | Buffer)[], answer: HostileLine[1]) =>
  lines.map((line): HostileLine => [Buffer.from(line as string), answer]);

export const HOSTILE_LINES: readonly HostileLine[] = [
  ...expecting([...MALFORMED, ...NOT_UTF8, ...NOT_RECOVERED], { code: PARSE_ERROR, id: null }),
  ...expecting([...NOT_MESSAGES, ...TOO_DEEP, "\ufeff{}"], { code: INVALID_REQUEST, id: null }),
  ...RECOVERED.flatMap(([line, code, id]) => expecting([line], { code, id })),
  ...expecting(SILENT, null),
];
