// Generated from the migrations by database.test.ts. To renew: npx vitest run src/database.test.ts -u

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

/** The schema of the run history, for `createClient<Database>`. */
export type Database = {
  public: {
    Tables: {
      track_run_erasures: {
        Row: {
          erased_at: string
          run_id: string
          tenant_id: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: []
      }
      track_run_events: {
        Row: {
          at: string
          attempt: number | null
          data: Json
          duration_ms: number | null
          error: Json | null
          id: string
          input_size_bytes: number | null
          level: string
          message: string | null
          nested: boolean | null
          output_size_bytes: number | null
          path: string | null
          project_id: string
          received_at: string
          run_id: string
          run_name: string
          sent_at: string | null
          sequence: number
          step: string | null
          task_name: string | null
          tenant_id: string
          track: string | null
          type: string
          user_id: string | null
          writer: string | null
          written_at: string | null
        }
        Insert: {
          at: string
          attempt?: number | null
          data?: Json
          duration_ms?: number | null
          error?: Json | null
          id: string
          input_size_bytes?: number | null
          level: string
          message?: string | null
          nested?: boolean | null
          output_size_bytes?: number | null
          path?: string | null
          project_id: string
          received_at?: string
          run_id: string
          run_name: string
          sent_at?: string | null
          sequence: number
          step?: string | null
          task_name?: string | null
          tenant_id: string
          track?: string | null
          type: string
          user_id?: string | null
          writer?: string | null
          written_at?: string | null
        }
        Update: Record<string, never>
        Relationships: []
      }
      track_runs: {
        Row: {
          duration_ms: number | null
          ended_at: string | null
          error: Json | null
          event_count: number
          input_size_bytes: number | null
          kind: string | null
          last_event_at: string
          last_event_id: string
          name: string
          output_size_bytes: number | null
          project_id: string
          run_id: string
          started_at: string
          state_event_id: string | null
          status: string
          tenant_id: string
          updated_at: string
          user_id: string | null
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: []
      }
    }
    Views: {
      track_run_steps: {
        Row: {
          attempt: number | null
          duration_ms: number | null
          ended_at: string | null
          error: Json | null
          first_event_id: string | null
          handled: boolean | null
          input_size_bytes: number | null
          item_count: number | null
          nested: boolean | null
          output_size_bytes: number | null
          path: string | null
          progress: number | null
          project_id: string | null
          run_id: string | null
          started_at: string | null
          status: string | null
          step: string | null
          task_name: string | null
          tenant_id: string | null
          track: string | null
        }
        Relationships: []
      }
      track_runs_newest: {
        Row: {
          duration_ms: number | null
          ended_at: string | null
          error: Json | null
          event_count: number | null
          input_size_bytes: number | null
          kind: string | null
          last_event_at: string | null
          name: string | null
          output_size_bytes: number | null
          project_id: string | null
          run_id: string | null
          started_at: string | null
          status: string | null
          tenant_id: string | null
          user_id: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      delete_old_track_runs: { Args: { keep_days: number; portion?: number; silent_days?: number | null }; Returns: { deleted_events: number; deleted_runs: number; more: boolean } }
      erase_track_runs: { Args: { tenant: string; run?: string | null; portion?: number; before?: string }; Returns: { erased_events: number; erased_runs: number; erased_at: string } }
      read_track_run_steps: { Args: { tenant: string; run: string }; Returns: Json }
      store_track_run_events: { Args: { events: Json }; Returns: number }
    }
    Enums: { [name in never]: never }
    CompositeTypes: { [name in never]: never }
  }
}
