import type { Prompt } from "../mcp/prompts.ts";
import { beforeYouDelete } from "./before-you-delete.ts";
import { newApplication } from "./new-application.ts";
import { offboarding } from "./offboarding.ts";
import { quarterlyReview } from "./quarterly-review.ts";
import { whyDenied } from "./why-denied.ts";

/** The jobs that people come with, in the order in which clients show them. */
export const prompts: readonly Prompt[] = [quarterlyReview, offboarding, beforeYouDelete, whyDenied, newApplication];
