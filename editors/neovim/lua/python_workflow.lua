-- Python Workflow in Neovim 0.7 or newer: require("python_workflow").setup({trusted = true}), or without it for folders of others.
local M, id, before = {answer = nil}, nil, {}

-- What other language servers are told, by their names: their settings with this interpreter.
M.settings = {
  pyright = function(python) return {python = {pythonPath = python}} end,
  basedpyright = function(python) return {python = {pythonPath = python}} end,
  pylsp = function(python) return {pylsp = {plugins = {jedi = {environment = python}}}} end,
}

local function ask(method, params, done)
  vim.lsp.get_client_by_id(id).request("pythonWorkflow/" .. method, params, function(err, result)
    if err then vim.notify(err.message, vim.log.levels.ERROR) else done(result) end
  end)
end

local function here()
  local file = vim.api.nvim_buf_get_name(0)
  return vim.uri_from_fname(file ~= "" and vim.bo.buftype == "" and file or vim.loop.cwd())
end

-- Variables for terminals and programs that start from now on; those of the environment before are taken back.
local function activate(env)
  for name, value in pairs(before) do vim.env[name] = value ~= vim.NIL and value or nil end
  before = {}
  local function put(name, value)
    if before[name] == nil then before[name] = vim.env[name] or vim.NIL end
    vim.env[name] = value
  end
  for _, name in ipairs(env.unset) do put(name, nil) end
  for name, value in pairs(env.set) do put(name, value) end
  if #env.prepend_path > 0 then put("PATH", table.concat(env.prepend_path, ":") .. ":" .. (vim.env.PATH or "")) end
end

local function take(answer)
  M.answer = answer
  local found = answer.environment ~= vim.NIL and answer.environment or nil
  ask("activation", {uri = answer.uri}, function(result) activate(result.env) end)
  for _, client in ipairs(vim.lsp.get_active_clients()) do
    if found and M.settings[client.name] then
      client.config.settings = vim.tbl_deep_extend("force", client.config.settings or {}, M.settings[client.name](found.interpreter_path))
      client.notify("workspace/didChangeConfiguration", {settings = client.config.settings})
    end
  end
  vim.cmd("doautocmd <nomodeline> User PythonWorkflow")
end

function M.resolve()
  ask("resolve", {uris = {here()}}, function(result) take(result.answers[1]) end)
end

function M.why()
  ask("explain", {uri = here()}, function(result)
    vim.cmd("new | setlocal buftype=nofile bufhidden=wipe")
    vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.tbl_map(function(step)
      return (step.rule .. " " .. step.outcome .. ": " .. step.detail):gsub("\n", " ")
    end, result.trail))
  end)
end

function M.select()
  local uri = here()
  ask("environments", {uri = uri}, function(result)
    local function label(one) return one.name .. " " .. (one.python_version or "") .. "  " .. one.prefix end
    vim.ui.select(vim.list_extend(result.environments, result.pythons), {prompt = "Select an environment", format_item = label}, function(one)
      local path = one and (one.kind == "system" and one.interpreter_path or one.prefix)
      if path then ask("select", {uri = uri, selection = path}, take) end
    end)
  end)
end

-- Attaches to the buffer: to a Python file for its interpreter, to the others for completion and problems as well.
function M.attach()
  local name = vim.fn.expand("%:t")
  if name == "pyproject.toml" or name == "pyworkflow.toml" or name == ".python-envs" then
    vim.lsp.buf_attach_client(0, id)
  elseif vim.bo.filetype == "python" then
    M.resolve()
  end
end

function M.setup(options)
  options = options or {}
  local root = vim.loop.cwd()
  id = vim.lsp.start_client({
    name = "python-workflow",
    cmd = options.cmd or {"wsp", "lsp"},
    root_dir = root,
    workspace_folders = {{uri = vim.uri_from_fname(root), name = root}},
    init_options = {trusted = options.trusted == true},
    handlers = {["pythonWorkflow/didChangeInterpreter"] = function(_, params)
      for _, answer in ipairs(params.answers) do
        if M.answer == nil or answer.uri == M.answer.uri then take(answer) end
      end
    end},
    on_init = function() vim.schedule(function() M.resolve() M.attach() end) end,
  })
  vim.cmd([[
    command! PythonWorkflowSelect lua require("python_workflow").select()
    command! PythonWorkflowWhy lua require("python_workflow").why()
    autocmd BufEnter *.py,pyproject.toml,pyworkflow.toml,.python-envs lua require("python_workflow").attach()
    autocmd FocusGained * lua vim.lsp.get_client_by_id(require("python_workflow").id()).notify("pythonWorkflow/didFocus", {})
  ]])
end

function M.id() return id end

return M
