-- Where an experiment stands. Begins every script on one: KEYS[1] is its head, KEYS[2] its state.
-- Nothing becomes a number here that may exceed 2^53 - 1: instants and JSON stay text.
local fault        -- the key that could not be read or written, and what the server said of it
local written = 0

-- Each key is read by a command of its own type, so that a wrong one shows before anything is written.
local function read(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) == 'table' and answer.err then
    fault = fault or {key, answer.err}
    return false
  end
  return answer
end

local head = read('HMGET', KEYS[1], 'sequence', 'recorded-at', 'version', 'first-version', 'pruned-through', 'etag',
  'transitions', 'approvals', 'evaluations', 'policies') or {}

local function standing(answer)
  local state = read('GET', KEYS[2])
  if fault then return {'fault', fault[1], fault[2]} end
  return {answer, head[1], head[2], head[3], head[4], head[5], head[6], head[7], head[8], head[9], head[10], state}
end
