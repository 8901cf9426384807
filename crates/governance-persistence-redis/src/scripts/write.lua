-- Applies what was decided. The log and the records go where their lists end; if that is not in the chunks that
-- were named, the answer says where it is, and the same is sent again with those.
if ARGV[7] == '' and sequence == 0 and not fault then return {'unlisted'} end

local function chunk_of(position) return math.floor(position / CHUNK) end

local counts, first, records, chunks, indexes, named = {}, {}, {}, {}, {}, FIRST_CHUNK + 1
local elsewhere = chunk_of(sequence) ~= tonumber(numbers[2])
for list = 1, 4 do
  first[list], records[list] = tonumber(numbers[1 + 2 * list]), tonumber(numbers[2 + 2 * list])
  counts[list] = tonumber(head[6 + list] or '0')
  if records[list] > 0 then
    chunks[list] = named
    named = named + math.min(records[list], 2)
    if list > 1 then
      indexes[list] = KEYS[named]
      named = named + 1
    end
    if first[list] ~= chunk_of(counts[list]) then elsewhere = true end
  end
end
local versions_key = KEYS[named]
if elsewhere and not fault then return {'elsewhere', head[1], head[7], head[8], head[9], head[10]} end

-- A list that is shorter or longer than the head says is damaged: nothing may be added to it.
local function check_length(key, entries)
  local length = read('LLEN', key)
  if length and length ~= entries then
    fault = fault or {key, 'DAMAGED it has ' .. length .. ' entries where the head says ' .. entries}
  end
end
check_length(KEYS[FIRST_CHUNK], sequence % CHUNK)
for list = 1, 4 do
  if records[list] > 0 then check_length(KEYS[chunks[list]], counts[list] % CHUNK) end
  if records[list] > 1 then check_length(KEYS[chunks[list] + 1], 0) end
end
if ARGV[4] ~= '' then read('STRLEN', KEYS[2]) end
if versioned then read('HLEN', versions_key) end
if records[3] > 0 then read('HLEN', indexes[3]) end
if records[4] > 0 then read('HLEN', indexes[4]) end
local approvals = {}                               -- by transition: where its approvals stand
for at = FIRST_RECORD, #ARGV, 4 do
  local list, group = ARGV[at], ARGV[at + 3]
  if list == '2' and approvals[group] == nil then approvals[group] = read('HGET', indexes[2], group) or '' end
end
local function check_right(command, key, ...)
  local lack = lacks_right(command, key, ...)
  if lack then fault = fault or {key, lack} end
end
if ARGV[4] ~= '' then check_right('SET', KEYS[2], '') end
check_right('RPUSH', KEYS[FIRST_CHUNK], '')
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
if ARGV[4] ~= '' then write('SET', KEYS[2], ARGV[4]) end
write('RPUSH', KEYS[FIRST_CHUNK], stamp .. '"before":[' .. before .. '],' .. ARGV[5])
write('HSET', KEYS[3], commit_id, fingerprint .. next_sequence .. '|' .. recorded_at)
for at = FIRST_RECORD, #ARGV, 4 do
  local list, id, record, group = tonumber(ARGV[at]), ARGV[at + 1], stamp .. ARGV[at + 2], ARGV[at + 3]
  write('HSET', KEYS[4], ARGV[at] .. id, next_sequence)
  if list == 5 then
    write('HSET', versions_key, group, record)
  else
    local position = counts[list]
    counts[list] = position + 1
    write('RPUSH', KEYS[chunks[list] + chunk_of(position) - first[list]], record)
    if list == 2 then approvals[group] = approvals[group] .. string.format('%.0f,', position) end
    if list > 2 then write('HSET', indexes[list], group, record) end
  end
end
for transition, positions in pairs(approvals) do write('HSET', indexes[2], transition, positions) end
if versioned then
  if not head[4] then write('HSET', KEYS[1], 'first-version', numbers[11]) end
  write('HSET', KEYS[1], 'version', numbers[12])
end
if ARGV[4] ~= '' then write('HSET', KEYS[1], 'etag', ARGV[9]) end
write('HSET', KEYS[1], 'sequence', next_sequence, 'recorded-at', recorded_at,
  'transitions', string.format('%.0f', counts[1]), 'approvals', string.format('%.0f', counts[2]),
  'evaluations', string.format('%.0f', counts[3]), 'policies', string.format('%.0f', counts[4]))
if fault then return {written > 0 and 'broken' or 'fault', fault[1], fault[2]} end
return {'applied', next_sequence, recorded_at}
