import { Component, type ComponentChildren } from 'preact';
import { Button } from './button';
import { Notice } from './notice';
import { StandAlone } from './shell';

interface FailureBoundaryProperties {
  children: ComponentChildren;
}

/** Stands for the page where drawing it failed, which would leave it blank. */
export class FailureBoundary extends Component<FailureBoundaryProperties, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ hasFailed: true });
  }

  override render(): ComponentChildren {
    if (!this.state.hasFailed) {
      return this.props.children;
    }
    return (
      <StandAlone title="This page failed">
        <Notice look="danger" role="alert">
          <p>Something in it went wrong. Nothing was changed by that.</p>
        </Notice>
        <Button look="primary" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </StandAlone>
    );
  }
}
