-- Decides on an entry of a log elsewhere, which stands at the sequence ARGV[3].
if fault then return {'fault', fault[1], fault[2]} end
local place = tonumber(expected)
if place > sequence + 1 then return {'gap', head[1] or '0'} end
if place <= sequence then
  local same = seen and string.sub(seen, 1, 32) == fingerprint and string.match(string.sub(seen, 33), '^%d+') == expected
  return {same and 'already-applied' or 'diverged'}
end
local recorded_at = ARGV[8]
if seen or (head[2] and smaller(recorded_at, head[2])) or breaks_versions() or reused_record() then
  if fault then return {'fault', fault[1], fault[2]} end
  return {'diverged'}
end
