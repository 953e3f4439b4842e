use super::engine::*;
use std::ops::ControlFlow;
pub struct Rules;
impl Brain for Rules {
    fn respond(
        &self,
        _: &Prompt,
        out: &mut dyn FnMut(Thought) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let _ = out(Thought::Text("Offline I only know tasks.".into()));
        Ok(())
    }
}
