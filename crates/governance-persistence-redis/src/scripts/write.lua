-- Applies what was decided. The log and the records go where their lists end; if that is not in the chunks that
-- were named, the answer says where it is, and the same is sent again with those.
if ARGV[9] == '' and sequence == 0 and not fault then return {'unlisted'} end

local function chunk_of(position) return math.floor(position / CHUNK) end

local counts, chunks, named = {}, {}, FIRST_CHUNK
local elsewhere = chunk_of(sequence) ~= tonumber(ARGV[12])
for list = 1, 4 do
  local first, records = tonumber(ARGV[11 + 2 * list]), tonumber(ARGV[12 + 2 * list])
  counts[list] = tonumber(head[6 + list] or '0')
  chunks[list] = {first = first, key = named}
  named = named + math.min(records, 2)
  if records > 0 and first ~= chunk_of(counts[list]) then elsewhere = true end
end
if elsewhere and not fault then return {'elsewhere', head[1], head[7], head[8], head[9], head[10]} end

-- A list that is shorter or longer than the head says is damaged: nothing may be added to it.
local function check_length(key, entries)
  local length = read('LLEN', key)
  if length and length ~= entries then
    fault = fault or {key, 'DAMAGED it has ' .. length .. ' entries where the head says ' .. entries}
  end
end
check_length(KEYS[9], sequence % CHUNK)
for list = 1, 4 do
  local records = tonumber(ARGV[12 + 2 * list])
  if records > 0 then check_length(KEYS[chunks[list].key], counts[list] % CHUNK) end
  if records > 1 then check_length(KEYS[chunks[list].key + 1], 0) end
end
if ARGV[5] ~= '' then read('STRLEN', KEYS[2]) end
if ARGV[7] ~= '' then read('HLEN', KEYS[5]) end
local approvals = {}                               -- by transition: where its approvals stand
for at = FIRST_RECORD, #ARGV, 4 do
  local list, group = ARGV[at], ARGV[at + 3]
  if list == '2' and approvals[group] == nil then approvals[group] = read('HGET', KEYS[6], group) or '' end
  if list == '3' then read('HLEN', KEYS[7]) end
  if list == '4' then read('HLEN', KEYS[8]) end
end
local function check_right(command, key, ...)
  local lack = lacks_right(command, key, ...)
  if lack then fault = fault or {key, lack} end
end
if ARGV[5] ~= '' then check_right('SET', KEYS[2], '') end
check_right('RPUSH', KEYS[9], '')
check_right('HSET', KEYS[1], '', '')
if fault then return {'fault', fault[1], fault[2]} end

-- From here on nothing should fail; what all the same does is told apart by whether anything was written.
local function write(command, key, ...)
  if fault then return end
  local answer = redis.pcall(command, key, ...)
  if type(answer) == 'table' and answer.err then
    fault = {key, answer.err}
  else
    written = written + 1
  end
end

local next_sequence = string.format('%.0f', sequence + 1)
local stamp = '{"sequence":' .. next_sequence .. ',"recordedAt":' .. recorded_at .. ','
local versions = head[3] and tonumber(head[3]) - tonumber(head[4]) + 1 or 0
local before = string.format('%.0f,%.0f,%.0f,%.0f,%.0f', counts[1], counts[2], counts[3], counts[4], versions)
if ARGV[5] ~= '' then write('SET', KEYS[2], ARGV[5]) end
write('RPUSH', KEYS[9], stamp .. '"before":[' .. before .. '],' .. ARGV[6])
write('HSET', KEYS[3], commit_id, fingerprint .. next_sequence .. '|' .. recorded_at)
for at = FIRST_RECORD, #ARGV, 4 do
  local list, id, record, group = tonumber(ARGV[at]), ARGV[at + 1], stamp .. ARGV[at + 2], ARGV[at + 3]
  write('HSET', KEYS[4], ARGV[at] .. id, next_sequence)
  if list == 5 then
    write('HSET', KEYS[5], group, record)
  else
    local position = counts[list]
    counts[list] = position + 1
    write('RPUSH', KEYS[chunks[list].key + chunk_of(position) - chunks[list].first], record)
    if list == 2 then approvals[group] = approvals[group] .. string.format('%.0f,', position) end
    if list == 3 then write('HSET', KEYS[7], group, record) end
    if list == 4 then write('HSET', KEYS[8], group, record) end
  end
end
for transition, positions in pairs(approvals) do write('HSET', KEYS[6], transition, positions) end
if ARGV[7] ~= '' then
  if not head[4] then write('HSET', KEYS[1], 'first-version', ARGV[7]) end
  write('HSET', KEYS[1], 'version', ARGV[8])
end
if ARGV[5] ~= '' then write('HSET', KEYS[1], 'etag', ARGV[21]) end
write('HSET', KEYS[1], 'sequence', next_sequence, 'recorded-at', recorded_at,
  'transitions', string.format('%.0f', counts[1]), 'approvals', string.format('%.0f', counts[2]),
  'evaluations', string.format('%.0f', counts[3]), 'policies', string.format('%.0f', counts[4]))
if fault then return {written > 0 and 'broken' or 'fault', fault[1], fault[2]} end
return {'applied', next_sequence, recorded_at}
