import { createClient } from '@supabase/supabase-js'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RunHistory } from '../run-history/run-history'

// The page of the test: it says in its address whose runs it shows.
const { url, key, token, tenant } = Object.fromEntries(new URLSearchParams(location.search)) as { readonly [name in 'url' | 'key' | 'token' | 'tenant']: string }
const supabase = createClient(url, key, { accessToken: async () => token })
createRoot(document.querySelector('main')!).render(
  <StrictMode>
    <h1>Runs</h1>
    <RunHistory supabase={supabase} tenantId={tenant} pageSize={20} intervalMs={200} />
  </StrictMode>,
)
