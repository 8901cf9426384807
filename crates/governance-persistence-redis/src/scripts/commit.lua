-- Decides on a commit, in the contract's order of answers.
if fault then return {'fault', fault[1], fault[2]} end
if seen then
  local at, instant = string.match(string.sub(seen, 33), '^(%d+)|(-?%d+)$')
  if string.sub(seen, 1, 32) == fingerprint then return {'replayed', at, instant} end
  return {'commit-id-reused', at}
end
local met = expected == 'any' or (expected == 'absent' and not head[6])
  or (head[6] and expected == 'match ' .. head[6]) or expected == 'at ' .. (head[1] or '0')
if not met or breaks_versions() then return standing('conflict') end
local index, holder = reused_record()
if index then return {'record-id-reused', index, holder} end

local recorded_at = now()
if head[2] and smaller(recorded_at, head[2]) then recorded_at = head[2] end
