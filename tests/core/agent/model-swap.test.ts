import { describe, expect, it } from 'vitest'
import { isSwap } from '../../../src/core/agent/model-swap.ts'

const sonnet = 'claude-sonnet-4-5-20250929'

describe('the same model', () => {
  it.each([
    ['sonnet', sonnet],
    ['Sonnet', sonnet],
    ['sonnet[1m]', 'claude-sonnet-4-5-20250929[1m]'],
    ['sonnet', 'Claude 4.5 Sonnet (Thinking)'],
    ['claude-sonnet-4-5', sonnet],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['sonnet-4.5', sonnet],
    ['sonnet-4.5-thinking', 'Claude 4.5 Sonnet'],
    ['anthropic/claude-sonnet-4.5', sonnet],
    ['openrouter/anthropic/claude-sonnet-4.5:free', 'anthropic/claude-sonnet-4.5'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', sonnet],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['claude-sonnet-4@20250514', 'claude-sonnet-4-20250514'],
    ['claude-sonnet-4-0', 'claude-sonnet-4-20250514'],
    ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
    ['claude-3-5-sonnet', 'claude-sonnet-3.5'],
    ['opus', 'claude-opus-4-5-20251101'],
    ['anthropic/claude', sonnet],
    ['gpt-5-codex', 'gpt-5-codex'],
    ['GPT-5-Codex', 'openai/gpt-5-codex-2025-09-15'],
    ['gpt-5.1-codex-high', 'gpt-5.1-codex'],
    ['gpt-4o', 'gpt-4o-2024-08-06'],
    ['o3', 'o3-2025-04-16'],
    ['gemini-2.5-pro', 'gemini-2.5-pro-preview-05-06'],
    ['gemini-2.0-flash', 'gemini-2.0-flash-001'],
    ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['gemini-2.0-flash-exp', 'gemini-2.0-flash'],
    ['pro', 'gemini-3-pro-preview'],
    ['kimi-k2', 'moonshotai/kimi-k2-0905'],
    ['qwen3-coder-plus', 'qwen3-coder-plus-2025-07-22'],
    ['qwen2.5:latest', 'qwen2.5'],
    ['ollama/qwen2.5:32b', 'qwen2.5:32b'],
    ['mock-model', 'openai-compatible/mock-model'],
    // With these, the service or the CLI chooses.
    ['auto', sonnet],
    ['openrouter/auto', sonnet],
    ['auto-gemini-2.5', 'gemini-2.5-flash'],
    ['default', sonnet],
    ['best', sonnet],
    ['opusplan', sonnet],
    ['inherit', sonnet],
    ['gpt-5', 'Auto'],
    ['arn:aws:bedrock:us-east-1:1:inference-profile/x', sonnet],
  ])('%s is answered by %s', (asked, answered) => {
    expect(isSwap(asked, answered)).toBe(false)
  })
})

describe('another model', () => {
  it.each([
    ['opus', sonnet],
    ['sonnet', 'claude-haiku-4-5-20251001'],
    ['claude-sonnet-4-5', 'claude-sonnet-4-20250514'],
    ['claude-sonnet-4', sonnet],
    ['claude-opus-4-1', 'claude-opus-4-5-20251101'],
    ['claude-3-5-sonnet', 'claude-3-7-sonnet'],
    ['sonnet', 'glm-4.6'],
    ['anthropic/claude', 'gpt-5'],
    ['claude', 'gpt-5'],
    ['gpt-5', 'claude-5'],
    ['gpt-5', 'gpt-5-mini'],
    ['gpt-5-mini', 'gpt-5'],
    ['gpt-5-codex', 'gpt-5'],
    ['gpt-5.3-codex', 'gpt-5.2'],
    ['gpt-5', 'gpt-5.1'],
    ['gpt-4o', 'gpt-4'],
    ['gpt-4o', 'gpt-4o-mini-2024-07-18'],
    ['o3', 'o4-mini'],
    ['pro', 'gemini-2.5-flash'],
    ['flash', 'gemini-2.5-flash-lite'],
    ['flash-lite', 'gemini-2.5-flash'],
    ['gemini-2.5-pro', 'gemini-2.5-flash'],
    ['gemini-2.5-pro', 'gemini-3-pro-preview'],
    ['qwen2.5:32b', 'qwen2.5:7b'],
    ['qwen3-coder-plus', 'qwen3-coder-flash'],
    ['kimi-k2', 'kimi-k2-thinking-turbo'],
    ['my-autopilot', sonnet],
    ['grok-4', 'grok-4-fast'],
  ])('%s is not %s', (asked, answered) => {
    expect(isSwap(asked, answered)).toBe(true)
  })
})
