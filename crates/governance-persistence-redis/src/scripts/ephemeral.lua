-- Begins the scripts on ephemerals. KEYS 1 the ephemeral  2 the ids of its kind, scored by when they expire, in milliseconds
-- Each key is read by a command of its own type, so that what is somebody else's is neither written over nor removed.
for at, command in ipairs({'STRLEN', 'ZCARD'}) do
  local answer = redis.pcall(command, KEYS[at])
  if type(answer) == 'table' and answer.err then return {'fault', KEYS[at], answer.err} end
end
