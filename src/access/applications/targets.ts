import { z } from "zod";

const TargetRule = z.strictObject({
  tags: z.record(z.string(), z.array(z.string())).optional().describe("Tag key to values, any of which matches"),
  target_attributes: z.strictObject({ hostname: z.array(z.string()).optional() }).optional(),
});

/** Which infrastructure targets an application covers, by what protocol. */
export function targetCriteria<const Protocol extends string>(protocol: Protocol) {
  const Criterion = z
    .strictObject({
      protocol: z.literal(protocol),
      port: z.int().min(1).max(65535),
      include: TargetRule.optional().describe("Targets that match any of this"),
      require: TargetRule.optional().describe("And all of this"),
      exclude: TargetRule.optional().describe("And none of this"),
      target_attributes: z
        .record(z.string(), z.array(z.string()))
        .optional()
        .describe("Older form, hostname only; use include"),
    })
    .refine(({ include, target_attributes }) => (include === undefined) !== (target_attributes === undefined), {
      error: "needs include, or target_attributes of the older form, not both",
    });
  return z
    .array(Criterion)
    .describe("Targets covered; see list_targets")
    .meta({ brief: '[{"protocol":"SSH","port":22,"include":{"target_attributes":{"hostname":["…"]}}}], or RDP' });
}
